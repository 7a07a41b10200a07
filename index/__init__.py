"""The archive: articles, passages, vectors and search. It does not depend on Telegram."""

import os

# Set before faiss loads OpenMP: its idle threads would spin and take CPU time from the model.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
