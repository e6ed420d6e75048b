"""The look and the comforts of pages."""
