"""What the standards API takes and shows: one draft and one view per resource."""
