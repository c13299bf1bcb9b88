"""What a past shift of the whole site came to, and what is to be expected of the one that goes on."""
