"""Files of the Deep Learning Interface of the Exploration Tool 3: pickles, read without running anything of them."""
