"""The search language: typed text to tokens (`tokens`), tokens to a tree (`grammar`, `tree`), a tree to an expression
of the search index (`expressions`), and what there is to say about it all (`pointing`, `table`). Pure."""
