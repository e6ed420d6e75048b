"""What several pages of the portal are made of."""
