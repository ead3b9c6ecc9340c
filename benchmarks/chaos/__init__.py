"""A day on which everything breaks: `make chaos`. What it promises and finds is told in docs/reliability.md."""
