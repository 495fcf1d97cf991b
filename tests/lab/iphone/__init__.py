"""An iPhone made of data, behind a fake of Apple's service: usbmuxd, lockdownd and the installation proxy."""
