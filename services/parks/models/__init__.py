"""Rows of the parks service."""

from services.parks.models.cards import ParkCard, ParkCardRow, card_id, card_nonce
from services.parks.models.parks import Agreement, Park, agreement_id

__all__ = ["Agreement", "Park", "ParkCard", "ParkCardRow", "agreement_id", "card_id", "card_nonce"]
