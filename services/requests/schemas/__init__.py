"""Service items and cases as the API takes and shows them."""
