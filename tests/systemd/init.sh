# The first process of the namespaces: puts what is needed over the tree and becomes systemd.
#   init.sh WORK TREE
set -eu
work=$1 tree=$2

mount --make-rprivate /
mkdir "$work/memory"
mount -t tmpfs -o mode=755 tmpfs "$work/memory"
root=$work/memory/root
mkdir "$work/memory/upper" "$work/memory/scratch" "$root"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$work/memory/upper,workdir=$work/memory/scratch" "$root"
cp -a "$work/over/." "$root/"
: >"$root/etc/machine-id"
printf '127.0.0.1 localhost\n::1 localhost\n' >"$root/etc/hosts"
# nothing here to log in at, and no network to wait for
for unit in console-getty.service getty@.service systemd-modules-load.service systemd-networkd-wait-online.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

mount -t proc proc "$root/proc"
# the kernel's settings are the host's
for part in sys sysrq-trigger irq bus; do
    if [ -e "$root/proc/$part" ]; then
        mount --bind "$root/proc/$part" "$root/proc/$part"
        mount -o remount,bind,ro "$root/proc/$part"
    fi
done
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root/run"
mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"
: >"$root/dev/console"
: >"$work/console"
mount --bind "$work/console" "$root/dev/console"
ip link set lo up

mkdir "$root/host"
cd "$root"
pivot_root . host
# shared, or the directory of credentials stays empty in the service
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb chroot . /bin/sh -c '
    umount -l /host
    rmdir /host
    mount --make-rshared /
    exec /lib/systemd/systemd --log-target=journal systemd.unified_cgroup_hierarchy=1' </dev/null
