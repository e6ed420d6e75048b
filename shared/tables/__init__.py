"""Tables that people fill in (CSV, XLSX): foreign bytes, read in a child process that has bounds and nothing else."""
