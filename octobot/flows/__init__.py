"""The stories: each gathers, decides, says and does, in this order, and knows no edge."""
