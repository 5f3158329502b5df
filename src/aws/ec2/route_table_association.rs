//! Which route table a subnet uses.

use aws_sdk_ec2::types::{RouteTableAssociation as Answer, RouteTableAssociationStateCode as State};
use serde::{Deserialize, Serialize};

use super::route_table::tables;
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `ec2.route_table_association`. It has no tags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RouteTableAssociation {
    region: String,
    subnet: Option<String>,
    route_table: Option<String>,
    route_table_association_id: Option<String>,
}

impl Resource for RouteTableAssociation {
    const TABLE: &'static str = "ec2.route_table_association";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let tables = tables(aws).await?;
        Ok(tables.iter().flat_map(|table| table.associations()).filter_map(|association| Self::shown(association, aws.region())).collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let call = aws.ec2().associate_route_table().set_subnet_id(self.subnet.clone()).set_route_table_id(self.route_table.clone());
        let made = call.send().await.map_err(refused("AssociateRouteTable"))?;
        let id = made.association_id.ok_or_else(|| empty("AssociateRouteTable"))?;
        Ok(Observed::of(Self { route_table_association_id: Some(id), ..self }))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        if self.route_table.is_none() || self.route_table == was.row.route_table {
            return Ok(was);
        }
        let call = aws.ec2().replace_route_table_association().association_id(was.row.id()).set_route_table_id(self.route_table.clone());
        let made = call.send().await.map_err(refused("ReplaceRouteTableAssociation"))?;
        // the association is another one from here on
        let id = made.new_association_id.ok_or_else(|| empty("ReplaceRouteTableAssociation"))?;
        let row = Self { route_table: self.route_table, route_table_association_id: Some(id), ..was.row };
        Ok(Observed { row, ..was })
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(aws.ec2().disassociate_route_table().association_id(self.id()).send().await.map_err(refused("DisassociateRouteTable")))?;
        Ok(None)
    }
}

impl RouteTableAssociation {
    fn id(&self) -> &str {
        self.route_table_association_id.as_deref().unwrap_or_default()
    }

    /// `None` for what is associated with a gateway instead of a subnet, and for what is there no more.
    fn shown(association: &Answer, region: &str) -> Option<Observed<Self>> {
        let state = association.association_state().and_then(|state| state.state());
        let main = association.main().unwrap_or_default();
        if state == Some(&State::Disassociated) || !main && association.subnet_id().is_none() {
            return None;
        }
        let busy = state.filter(|state| matches!(state, State::Associating | State::Disassociating));
        let row = Self {
            region: region.to_owned(),
            subnet: association.subnet_id().map(str::to_owned),
            route_table: association.route_table_id().map(str::to_owned),
            route_table_association_id: association.route_table_association_id().map(str::to_owned),
        };
        Some(Observed::of(row).pending(busy.map(|state| state.as_str().to_owned())).implicit(main))
    }
}
