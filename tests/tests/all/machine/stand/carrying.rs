//! How the commands about goods, carts, orders and cases are carried out.

use shopcore::cart::CartLine;
use shopcore::id::CustomerId;
use shopcore::service::NewOrder;
use shopcore::store::RequestKey;

use super::*;
use crate::machine::command::{Buy, By, Fail};

impl Stand {
    pub(super) async fn buy(&mut self, deed: &Buy) -> Told {
        match *deed {
            Buy::Cart {
                customer,
                product,
                quantity,
            } => self.cart(customer, product, quantity).await,
            Buy::CartVoucher { customer, voucher } => {
                let customer = self.customer(customer).id;
                let voucher = voucher.map(code);
                told(self.shop.carts().set_voucher(customer, voucher).await)
            }
            Buy::Accept { customer } => {
                told(self.shop.carts().accept(self.customer(customer).id).await)
            }
            Buy::PlaceCart { customer } => {
                let request = self.request();
                let Customer { id, chat, .. } = self.customer(customer);
                told(self.shop.checkout().place_cart(chat, *id, request).await)
            }
            Buy::Place {
                customer,
                product,
                quantity,
                voucher,
            } => {
                let order = self.new_order(customer, product, quantity, voucher);
                self.last_order = Some(order.clone());
                told(self.shop.checkout().place(order).await)
            }
            Buy::PlaceAgain => match self.last_order.clone() {
                Some(order) => told(self.shop.checkout().place(order).await),
                None => nothing(),
            },
            Buy::Deposit { customer, amount } => {
                let request = self.request();
                let customer = self.customer(customer).id;
                let checkout = self.shop.checkout();
                told(checkout.deposit(customer, idr(amount), request).await)
            }
            Buy::Cancel { invoice, by } => self.cancel(invoice, by).await,
            Buy::Goods { order, by } => self.goods(order, by).await,
        }
    }

    pub(super) async fn keep(&mut self, deed: &Keep) -> Told {
        match *deed {
            Keep::Stock { product, count } => self.stock(product, count).await,
            Keep::Reprice { product, price } => {
                self.edit(product, |product| product.price = idr(price))
                    .await
            }
            Keep::Hide { product } => self.edit(product, toggle).await,
            Keep::Uses { voucher, max } => self.uses(voucher, max).await,
            Keep::Wait { seconds } => self.wait(seconds).await,
            Keep::Job { job } => self.run(job).await,
        }
    }

    pub(super) async fn fail(&mut self, deed: &Fail) -> Told {
        match *deed {
            Fail::Bank { bank, mood } => self.bank(bank).set_mood(mood),
            Fail::Post { manner } => self.post.set_manner(manner),
            Fail::Store { fault, after } => self.pending_fault = Some((fault, after)),
            Fail::Restart { banks } => self.restart(banks).await,
        }
        told(deed)
    }

    async fn cart(&self, customer: u8, product: u8, quantity: u8) -> Told {
        let (customer, product) = (self.customer(customer).id, self.product(product));
        let carts = self.shop.carts();
        told(
            carts
                .set(customer, product.id, quantity.into(), product.price)
                .await,
        )
    }

    pub(super) fn product(&self, index: u8) -> &Product {
        let id = self.products[usize::from(index) % self.products.len()].id;
        let found = self.rows.products.iter().find(|product| product.id == id);
        found.unwrap()
    }

    pub(super) fn request(&mut self) -> RequestKey {
        self.requests += 1;
        RequestKey(format!("request/{}", self.requests))
    }

    async fn stock(&mut self, product: u8, count: u8) -> Told {
        let product = self.product(product);
        let count = match product.supply {
            Supply::Units => count.into(),
            Supply::Unlimited => 1,
        };
        let product = product.id;
        // Numbers from far above those of the first units.
        let all = contents("MORE", self.added..self.added + count);
        self.added += count;
        told(self.shop.stock().add(&Actor::Operator, product, &all).await)
    }

    pub(super) async fn edit(&self, product: u8, edit: impl FnOnce(&mut Product)) -> Told {
        let mut product = self.product(product).clone();
        edit(&mut product);
        told(
            self.shop
                .catalog()
                .update_product(&Actor::Operator, product)
                .await,
        )
    }

    async fn uses(&self, voucher: u8, max: u32) -> Told {
        let index = usize::from(voucher) % self.rows.vouchers.len();
        let voucher = &self.rows.vouchers[index];
        let mut terms = voucher.terms.clone();
        terms.uses_max = max;
        told(
            self.shop
                .vouchers()
                .update(&Actor::Operator, voucher, terms)
                .await,
        )
    }

    fn new_order(
        &mut self,
        customer: u8,
        product: u8,
        quantity: u8,
        voucher: Option<u8>,
    ) -> NewOrder {
        let request = self.request();
        let (customer, product) = (self.customer(customer), self.product(product));
        let line = CartLine {
            product: product.id,
            quantity: quantity.into(),
            accepted: product.price,
        };
        NewOrder {
            customer: customer.id,
            chat: customer.chat.clone(),
            lines: vec![line],
            voucher: voucher.map(code),
            request,
        }
    }

    fn actor(&self, by: By, owner: CustomerId) -> Actor {
        match by {
            By::Owner => Actor::Customer(owner),
            By::Stranger => {
                let other = self.customers.iter().find(|customer| customer.id != owner);
                Actor::Customer(other.unwrap().id)
            }
            By::Operator => Actor::Operator,
        }
    }

    async fn cancel(&self, invoice: u8, by: By) -> Told {
        let Some((invoice, owner)) = self.invoice(invoice) else {
            return nothing();
        };
        told(
            self.shop
                .checkout()
                .cancel(&self.actor(by, owner), invoice)
                .await,
        )
    }

    async fn goods(&self, order: u8, by: By) -> Told {
        let Some(order) = pick_newest(&self.rows.orders, order) else {
            return nothing();
        };
        let actor = self.actor(by, order.customer);
        told(self.shop.orders().goods(&actor, order.id).await)
    }
}

fn code(index: u8) -> VoucherCode {
    VoucherCode::parse(CODES[usize::from(index) % CODES.len()]).unwrap()
}

fn toggle(product: &mut Product) {
    product.visibility = match product.visibility {
        Visibility::Listed => Visibility::Hidden,
        Visibility::Hidden => Visibility::Archived,
        Visibility::Archived => Visibility::Listed,
    };
}
