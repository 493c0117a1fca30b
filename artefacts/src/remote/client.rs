//! The HTTP client that `object_store` uses here: `reqwest`, as the rest of the project has it.

use super::{RemoteSettings, with_causes};
use async_trait::async_trait;
use http_body_util::{BodyExt, Limited};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use object_store::{ClientConfigKey, ClientOptions};

/// The most bytes of an error's description that are read.
const MAX_ERROR_BYTES: usize = 64 << 10;

/// Makes clients with a store's timeouts.
#[derive(Debug)]
pub(super) struct Connector(RemoteSettings);

impl Connector {
    pub(super) fn new(settings: &RemoteSettings) -> Self {
        Self(settings.clone())
    }
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let allow_http = options.get_config_value(&ClientConfigKey::AllowHttp);
        let client = reqwest::Client::builder()
            .connect_timeout(self.0.connect_timeout)
            .read_timeout(self.0.read_timeout)
            .https_only(allow_http.as_deref() != Some("true"))
            // a blob has one place; a server that sends its reader elsewhere could send it anywhere
            .redirect(reqwest::redirect::Policy::none())
            // a blob comes as it is stored, and as long as it was announced
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .user_agent(concat!("aixblock/", env!("CARGO_PKG_VERSION")))
            .build();
        let client =
            client.map_err(|error| object_store::Error::NotSupported { source: with_causes(&error).into() })?;
        Ok(HttpClient::new(Service(client)))
    }
}

/// One client.
#[derive(Debug)]
struct Service(reqwest::Client);

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let url = parts.uri.to_string().parse().map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
        let mut request = reqwest::Request::new(parts.method, url);
        *request.headers_mut() = parts.headers;
        *request.body_mut() = Some(reqwest::Body::wrap(body));
        let response = self.0.execute(request).await.map_err(failed)?;
        let (parts, body) = http::Response::<reqwest::Body>::from(response).into_parts();
        let body = if parts.status.is_success() {
            HttpResponseBody::new(body.map_err(failed))
        } else {
            // object_store reads it to the end
            let text = Limited::new(body, MAX_ERROR_BYTES).collect().await.map(|text| text.to_bytes());
            text.unwrap_or_default().into()
        };
        Ok(HttpResponse::from_parts(parts, body))
    }
}

fn failed(error: reqwest::Error) -> HttpError {
    let kind = match &error {
        error if error.is_timeout() => HttpErrorKind::Timeout,
        error if error.is_connect() => HttpErrorKind::Connect,
        error if error.is_decode() => HttpErrorKind::Decode,
        _ => HttpErrorKind::Request,
    };
    // the caller names the URL
    HttpError::new(kind, error.without_url())
}
