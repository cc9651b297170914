//! The ledger as anyone may check it: checkpoints, tiles, proofs (C2SP tlog-tiles, tlog-proof). Nothing personal is in them.

use crate::Shared;
use crate::auth::Authenticated;
use crate::extract::Segment;
use crate::problem::{Problem, ProblemKind};
use crate::work::blocking;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use gongdao_merkle::TilePath;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(ledger))
        .routes(routes!(checkpoint))
        .routes(routes!(tile))
        .routes(routes!(proof))
}

/// A ledger as it was last signed
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerHead {
    /// Its name: first line of its checkpoints
    origin: String,
    /// The key to check its checkpoints with
    verifier_key: String,
    /// Entries under the last checkpoint
    size: u64,
    /// The last checkpoint, signed (C2SP tlog-checkpoint)
    checkpoint: String,
}

/// The ledger's name, key and last checkpoint
#[utoipa::path(get, path = "/v1/ledger", operation_id = "ledger", tag = "ledger",
    responses((status = 200, description = "They", body = LedgerHead)))]
async fn ledger(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
) -> Result<axum::Json<LedgerHead>, Problem> {
    blocking(move || {
        let reader = app.service.ledger(&caller)?;
        let about = reader.about();
        Ok(axum::Json(LedgerHead {
            origin: about.origin.to_string(),
            verifier_key: about.key.to_string(),
            size: reader.size(),
            checkpoint: reader.checkpoint().to_string(),
        }))
    })
    .await
}

/// The last checkpoint alone, signed (C2SP tlog-checkpoint)
#[utoipa::path(get, path = "/v1/ledger/checkpoint", operation_id = "ledger_checkpoint", tag = "ledger",
    responses((status = 200, description = "It", content_type = "text/plain", body = String)))]
async fn checkpoint(Authenticated(caller): Authenticated, State(app): State<Shared>) -> Result<Response, Problem> {
    let text = blocking(move || Ok(app.service.ledger(&caller)?.checkpoint().to_string())).await?;
    Ok(([(CONTENT_TYPE, TEXT), (CACHE_CONTROL, HeaderValue::from_static("no-cache"))], text).into_response())
}

/// A tile of the ledger (C2SP tlog-tiles)
#[utoipa::path(get, path = "/v1/ledger/tile/{tile}", operation_id = "ledger_tile", tag = "ledger",
    params(("tile" = String, Path, description = "Level, `entries` or not, and index, like `0/x001/234.p/8`; its slashes may stand as they are", example = "0/000.p/1")),
    responses((status = 200, description = "Its bytes", content_type = "application/octet-stream", body = crate::schema::Binary)))]
async fn tile(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(path): Segment<String>,
) -> Result<Response, Problem> {
    let path: TilePath = format!("tile/{path}").parse().map_err(|error: gongdao_merkle::MerkleError| {
        Problem::new(
            ProblemKind::NotFound,
            error.to_string(),
            "the size of the last checkpoint says which tiles there are",
        )
    })?;
    let bytes =
        blocking(move || Ok(app.service.ledger(&caller)?.tile(path).map_err(gongdao_service::ServiceError::from)?))
            .await?;
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))], bytes).into_response())
}

/// The proof that an entry is in the ledger (C2SP tlog-proof); the content comes with a decision’s receipt
#[utoipa::path(get, path = "/v1/ledger/proofs/{leaf}", operation_id = "ledger_proof", tag = "ledger",
    params(("leaf" = u64, Path, description = "The entry’s place")),
    responses((status = 200, description = "It", content_type = "text/plain", body = String)))]
async fn proof(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(leaf): Segment<u64>,
) -> Result<Response, Problem> {
    let text = blocking(move || {
        let reader = app.service.ledger(&caller)?;
        if leaf >= reader.size() {
            let detail = format!("the last checkpoint covers {} entries", reader.size());
            return Err(Problem::new(ProblemKind::NotFound, detail, "entries are signed within seconds; ask again"));
        }
        Ok(reader.prove(leaf).map_err(gongdao_service::ServiceError::from)?.to_string())
    })
    .await?;
    Ok(([(CONTENT_TYPE, TEXT)], text).into_response())
}
