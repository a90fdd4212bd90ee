# Tables: each as CSV, Markdown and LaTeX.
SUMMARIES = []
