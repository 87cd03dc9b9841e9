"""Time-stamp replies taken apart (RFC 3161): strict DER, certificates, their path to a root; it asks nobody."""
