"""The cases, a module for each family; a function is one, and its docstring tells the story."""
