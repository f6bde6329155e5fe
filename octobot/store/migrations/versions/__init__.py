"""The migrations, each once and for all: a released file is never changed again."""
