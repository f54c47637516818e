"""The colours of series, which pictures and widgets share; no plotting library is behind them."""

# After Okabe & Ito 2008, which colour-blind readers tell apart, the light ones darkened to a contrast of 3.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#C4699A", "#B27D00", "#3D94CC", "#000000", "#7A4B2A")

# Kinds of steps in sections 9 and 10: no estimator has these.
DIRECTION_COLOURS = {"vanilla": "#4D4D4D", "normalized": "#7F7F7F", "adam": "#7B6FB0", "natural": "#B2182B"}
