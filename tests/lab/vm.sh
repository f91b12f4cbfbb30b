#!/bin/sh
# The first process of a VM, started inside its new namespaces by start.sh:
# puts the VM's own folders in place, then waits to be ended.
# usage: vm.sh NAME   (environment: LAB)
set -eu
vm=$1
dir=$LAB/$vm
read -r self _ </proc/self/stat	# as the system outside numbers it
hostname "$vm"
mount -t proc proc /proc
# /var is the VM's own, but for the list of installed packages.
mount --bind /var/lib/dpkg "$dir/var/lib/dpkg"
mount --rbind "$dir/var" /var
for pair in etc:/etc log:/var/log run:/run www:/var/www \
    prosody:/var/lib/prosody nginx:/var/lib/nginx; do
	mount --bind "$dir/${pair%%:*}" "${pair#*:}"
done
ip link set lo up
echo "$self" >"$dir/pid.new"
mv "$dir/pid.new" "$dir/pid"
# Children left behind by their parents come here and must not stay.
exec env --ignore-signal=CHLD sleep 2147483647
