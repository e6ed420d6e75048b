"""The OpenAPI 3.1 document, made from the declarations that run and from the words beside them."""
