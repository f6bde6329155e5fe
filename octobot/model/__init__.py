"""The nouns: frozen values that cross rooms, and nothing that acts."""
