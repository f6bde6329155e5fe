"""One upstream source per file, each a generator of requests, and the table of them."""
