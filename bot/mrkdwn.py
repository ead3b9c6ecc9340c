def escape(text): return text.replace("&","&amp;").replace("<","&lt;").replace(">","&gt;")
def inert(text): return escape(text)
def code_block(lines): return "```\n"+"\n".join(escape(l).replace("```","'''") for l in lines)+"\n```"
