"""What every page of the console is made of; each pattern stands here once."""
