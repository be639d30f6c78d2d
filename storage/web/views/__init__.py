"""What pages show, made from what the corpus tells. Pure: neither the request nor the corpus is known here."""
