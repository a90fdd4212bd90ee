# Figures
FIGURES = []
