"""Let editors add, correct, remove and approve articles, and manage feeds."""
