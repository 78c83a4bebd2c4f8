"""The tabs: thin widgets that show the workbench; Qt only through qtpy."""
