#!/bin/sh
# SeaweedFS as the one S3 of this machine. Its other listeners ask for no key, so it is for a network
# that only our own containers are on.
set -eu
AWS_ACCESS_KEY_ID=$(cat /run/secrets/ANIMATRIX_S3_ACCESS_KEY)
AWS_SECRET_ACCESS_KEY=$(cat /run/secrets/ANIMATRIX_S3_SECRET_KEY)
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
exec weed -logtostderr=true mini -dir=/data -ip=127.0.0.1 -ip.bind=0.0.0.0 -bucket=media \
  -s3.port=8333 -s3.port.iceberg=0 -s3.port.lance=0 \
  -s3.localSocket=/tmp/s3.sock -filer.localSocket=/tmp/filer.sock \
  -master.telemetry=false -admin.ui=false -webdav=false -volume.preStopSeconds=0
