"""One file per model service, each a conversation of requests and answers that sends nothing."""
