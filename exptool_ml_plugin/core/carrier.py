"""The radio wave the sensors send: the constants that turn phase into distance."""

from __future__ import annotations

SPEED_OF_LIGHT_M_S = 299_792_458.0
CARRIER_HZ = 60.5e9
"""Carrier of the A111 and the A121 (their data sheets)."""

WAVELENGTH_M = SPEED_OF_LIGHT_M_S / CARRIER_HZ
