# Figures and charts.

