"""The archive: articles, passages, vectors and search. It knows nothing of Telegram."""

import os

# Before faiss loads OpenMP: its idle threads would spin, and take from the model what they waste.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
