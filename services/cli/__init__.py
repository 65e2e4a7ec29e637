"""What operators do from the shell of the machine: `animatrix`."""
