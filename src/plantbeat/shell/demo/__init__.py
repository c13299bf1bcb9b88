"""The demo plant: master data, ninety days of history, and a plant that goes on running."""
