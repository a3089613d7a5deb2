"""The parts of the stand-in: moto, and what moto lacks. One module, one gap."""
