"""What the words mean and how the data flow; numpy, scipy and h5py only."""
