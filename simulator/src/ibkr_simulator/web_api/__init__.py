"""The Web API as the gateway serves it, one module per step word."""
