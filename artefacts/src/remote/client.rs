//! The HTTP client that `object_store` uses here: `reqwest`, as the rest of the project has it.

use super::RemoteSettings;
use async_trait::async_trait;
use http_body_util::{BodyExt, Limited};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};

/// The most bytes of an error's description that are read.
const MAX_ERROR_BYTES: usize = 64 << 10;

/// Gives every store the same client.
#[derive(Debug, Clone)]
pub(super) struct Connector(reqwest::Client);

impl Connector {
    pub(super) fn new(settings: &RemoteSettings) -> reqwest::Result<Self> {
        let client = reqwest::Client::builder()
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout)
            // a blob has one place; a server that sends its reader elsewhere could send it anywhere
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("aixblock/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self(client))
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Connector {
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
