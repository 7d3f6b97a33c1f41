"""What every measurement needs: load, figures with their spread, the machine."""
