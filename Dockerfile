# customerd alone: one static program, no shell, no root.
#   docker build -t customerd .
#   docker run --rm -p 127.0.0.1:8080:8080 -v ./secrets/tokens:/tokens:ro -e CUSTOMER_TOKENS_FILE=/tokens customerd
FROM golang:1.26 AS build
WORKDIR /src
# The modules have a layer of their own, which changes of the code leave alone.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -o /customerd ./httpserver/customerd

# Brings the certificates for TLS to a database, and the user nonroot (65532).
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /customerd /customerd
# Every address of the container. It starts only with tokens, or with --insecure-no-auth by name.
ENV CUSTOMER_LISTEN=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["/customerd"]
