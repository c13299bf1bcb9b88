"""Where losses are: what is unusual, what is biggest, what repeats, and what has changed."""
