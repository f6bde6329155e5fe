"""Well-known headers, libraries, pkg-config files, commands and modules, and their packages.

The likeliest package comes first.  Only what `packages` would not guess from the name is listed.
"""

from collections.abc import Mapping


def _read(table: str) -> Mapping[str, tuple[str, ...]]:
    """Read lines of `PACKAGE[,PACKAGE]: WHAT WHAT …`."""
    found: dict[str, tuple[str, ...]] = {}
    for line in table.strip().splitlines():
        packages, _, whats = line.partition(":")
        for what in whats.split():
            found[what] = tuple(packages.strip().split(","))
    return found


HEADERS = _read("""
    acl-dev: sys/acl.h acl/
    alsa-lib-dev: alsa/
    argp-standalone: argp.h
    attr-dev: attr/ attr/xattr.h
    bzip2-dev: bzlib.h
    c-ares-dev: ares.h
    cairo-dev: cairo.h cairo/
    cyrus-sasl-dev: sasl/
    elfutils-dev: libelf.h gelf.h dwarf.h elfutils/
    expat-dev: expat.h
    freetype-dev: ft2build.h freetype/ freetype2/
    gdk-pixbuf-dev: gdk-pixbuf/
    glib-dev: glib.h glib-object.h gio/ glib/
    gtest-dev: gtest/ gmock/
    gtk-3-dev: gtk/ gdk/
    icu-dev: unicode/
    json-c-dev: json-c/ json.h
    krb5-dev: krb5.h gssapi.h gssapi/
    libarchive-dev: archive.h archive_entry.h
    libcap-dev: sys/capability.h
    libdrm-dev: xf86drm.h xf86drmMode.h drm/
    libevent-dev: event.h event2/
    libffi-dev: ffi.h
    libgcrypt-dev: gcrypt.h
    libgit2-dev: git2.h
    libidn2-dev: idn2.h
    libjpeg-turbo-dev: jpeglib.h turbojpeg.h
    libnl3-dev: netlink/
    libpcap-dev: pcap.h pcap/
    libpng-dev: png.h
    libsodium-dev: sodium.h sodium/
    libssh-dev: libssh/
    libtirpc-dev: rpc/ rpc/rpc.h
    libtool: ltdl.h
    libudev-dev,systemd-dev: libudev.h
    libunistring-dev: unistr.h unicase.h uninorm.h
    libx11-dev: X11/
    libxml2-dev: libxml/ libxml2/
    libxslt-dev: libxslt/ libexslt/
    libzip-dev: zip.h
    linux-headers: linux/ asm/ asm-generic/ mtd/
    linux-pam-dev: security/
    lua5.4-dev,lua-5.4-dev: lua.h lauxlib.h lualib.h
    mariadb-connector-c-dev: mysql.h mysql/
    mesa-dev: GL/ EGL/ GLES2/ gbm.h
    ncurses-dev: ncurses.h curses.h term.h ncursesw/
    numactl-dev: numa.h numaif.h
    oniguruma-dev: oniguruma.h
    openblas-dev: cblas.h lapacke.h
    openldap-dev: ldap.h lber.h
    openssl-dev: openssl/
    postgresql-dev,postgresql-18-dev: libpq-fe.h postgres.h libpq/
    protobuf-dev: google/
    python3-dev: Python.h pyconfig.h
    ruby-3.4-dev: ruby.h ruby/
    sqlite-dev: sqlite3.h
    systemd-dev: systemd/
    tiff-dev: tiffio.h tiff.h
    util-linux-dev: uuid/ blkid/ libmount/ libfdisk/ uuid.h
    xz-dev: lzma.h lzma/
    yaml-dev: yaml.h
    zlib-dev: zlib.h zconf.h
    zstd-dev: zstd.h zdict.h
    abseil-cpp-dev: absl/
    boost-dev: boost/
    brotli-dev: brotli/
    curl-dev: curl/
    dbus-dev: dbus/
    libbpf-dev: bpf/
    libselinux-dev: selinux/
    libwebp-dev: webp/
    nlohmann-json,json: nlohmann/
""")
"""Header, or its folder with a slash → packages."""

LIBRARIES = _read("""
    alsa-lib-dev: asound alsa
    bzip2-dev: bz2 bzip2
    curl-dev: curl
    cyrus-sasl-dev: sasl2
    elfutils-dev: elf dw
    freetype-dev: freetype
    gcc,libgcc: gcc_s gcc
    glibc-dev: c m pthread dl rt util crypt resolv
    icu-dev: icuuc icui18n icudata icu
    krb5-dev: krb5 gssapi_krb5 com_err gssapi
    libjpeg-turbo-dev: jpeg turbojpeg
    libnl3-dev: nl-3 nl-genl-3
    libstdc++-dev: stdc++
    libudev-dev,systemd-dev: udev
    linux-pam-dev: pam
    mariadb-connector-c-dev: mariadb mysqlclient mysql
    mesa-dev: GL EGL GLESv2 gbm opengl
    ncurses-dev: ncurses ncursesw tinfo curses
    numactl-dev: numa
    openblas-dev: blas lapack openblas cblas
    openldap-dev: ldap lber
    openssl-dev: ssl crypto openssl
    postgresql-dev,postgresql-18-dev: pq postgresql
    protobuf-dev: protobuf protoc
    python3-dev: python3 python
    sqlite-dev: sqlite3 sqlite
    systemd-dev: systemd
    util-linux-dev: uuid blkid mount
    xz-dev: lzma liblzma
    yaml-dev: yaml
    zlib-dev: z zlib
    zstd-dev: zstd
    xxhash-dev: xxhash
    googletest,gtest-dev: gtest gmock googletest
    gperftools-dev: tcmalloc profiler
    libx11-dev: X11 x11
    libxext-dev: Xext
    expat-dev: expat
""")
"""Name behind `-l`, or CMake's name in lower case → packages."""

PKG_CONFIG = _read("""
    alsa-lib-dev: alsa
    bzip2-dev: bzip2
    c-ares-dev: libcares
    cairo-dev: cairo-gobject cairo-xlib
    curl-dev: libcurl
    dbus-dev: dbus-1
    elfutils-dev: libelf libdw
    expat-dev: expat
    freetype-dev: freetype2
    gdk-pixbuf-dev: gdk-pixbuf-2.0
    glib-dev: glib-2.0 gio-2.0 gio-unix-2.0 gobject-2.0 gmodule-2.0 gthread-2.0
    gobject-introspection-dev: gobject-introspection-1.0
    graphene-dev: graphene-1.0 graphene-gobject-1.0
    gtk-3-dev: gtk+-3.0 gdk-3.0
    gtk-4-dev: gtk4 gtk4-x11
    icu-dev: icu-uc icu-i18n icu-io
    json-c-dev: json-c
    krb5-dev: krb5 krb5-gssapi mit-krb5 mit-krb5-gssapi
    libdrm-dev: libdrm libdrm_amdgpu libdrm_intel
    libevent-dev: libevent libevent_openssl libevent_pthreads
    libjpeg-turbo-dev: libjpeg libturbojpeg
    libnl3-dev: libnl-3.0 libnl-genl-3.0 libnl-route-3.0
    libudev-dev,systemd-dev: libudev udev
    libx11-dev: x11
    libxml2-dev: libxml-2.0
    libxslt-dev: libxslt libexslt
    linux-pam-dev: pam
    mesa-dev: gl egl gbm glesv2 opengl
    ncurses-dev: ncurses ncursesw tinfo
    numactl-dev: numa
    openssl-dev: openssl libssl libcrypto
    pango-dev: pangocairo pangoft2 pangoxft
    pcre2-dev: libpcre2-8 libpcre2-16 libpcre2-posix
    pcre-dev: libpcre
    postgresql-dev,postgresql-18-dev: libpq
    python3-dev: python3 python3-embed python-3
    sqlite-dev: sqlite3
    systemd-dev: systemd libsystemd
    tiff-dev: libtiff-4
    util-linux-dev: mount blkid uuid fdisk smartcols
    wayland-dev: wayland-client wayland-server wayland-scanner wayland-egl
    wayland-protocols-dev,wayland-protocols: wayland-protocols
    xz-dev: liblzma
    yaml-dev: yaml-0.1
    zlib-dev: zlib
    zstd-dev: libzstd
""")
"""Name of the `.pc` file → packages."""

COMMANDS = _read("""
    autoconf: autoreconf autoheader autom4te
    automake: aclocal
    bash: bash
    binutils: ld ar as nm objcopy objdump ranlib readelf strip
    bison: yacc
    build-base,gcc: cc gcc g++ c++ cpp
    clang,clang-19: clang clang++
    coreutils: install realpath readlink nproc sha256sum
    diffutils: diff cmp
    docbook-xml: docbook2x
    findutils: find xargs
    gettext: msgfmt msgmerge xgettext
    gettext-dev,gettext: autopoint gettextize
    glib-dev: glib-mkenums glib-genmarshal glib-compile-resources glib-compile-schemas gdbus-codegen
    gnutar,tar: tar
    go: go gofmt
    gobject-introspection-dev: g-ir-scanner g-ir-compiler
    graphviz: dot
    libtool: libtoolize
    libxml2-utils: xmllint
    libxslt: xsltproc
    lld,lld-19: ld.lld lld
    make: gmake
    maven: mvn
    ninja,ninja-build,samurai: ninja samu
    nodejs,nodejs-26: node
    npm: npx
    openjdk-21-default-jdk,openjdk-17-default-jdk: javac java jar
    perl: pod2man pod2html xsubpp
    pkgconf-dev,pkgconf: pkg-config
    posix-libc-utils: getconf getent ldd iconv locale
    procps: ps pgrep
    protobuf-dev,protoc,protobuf: protoc
    py3-supported-build: pyproject-build
    py3-supported-cython,cython: cython
    py3-supported-pip: pip pip3
    python3: python
    ruby-3.4: gem irb bundle
    rust: cargo rustc rustdoc
    shadow: useradd groupadd
    tcl: tclsh
    texinfo: makeinfo
    util-linux-misc,util-linux: getopt flock
    vala: valac
    xxd,vim: xxd
""")
"""Command → packages; a command that is named as its package needs no line."""

PYTHON: Mapping[str, str] = {
    "yaml": "pyyaml",
    "pkg_resources": "setuptools",
    "mesonpy": "meson-python",
    "poetry.core": "poetry-core",
    "skbuild": "scikit-build",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "dateutil": "python-dateutil",
    "attr": "attrs",
    "Crypto": "pycryptodome",
    "OpenSSL": "pyopenssl",
    "jwt": "pyjwt",
    "google.protobuf": "protobuf",
    "sklearn": "scikit-learn",
    "git": "gitpython",
    "zmq": "pyzmq",
    "pdm.backend": "pdm-backend",
}
"""Module → distribution, where they differ by more than case and dashes."""
