def console_excerpt(text, most=20): return text.splitlines()[-most:]
