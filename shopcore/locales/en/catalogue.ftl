# Categories, and products that are changed.

picture-refused = That is no picture I can take: send a PNG or JPEG of at most 2 MiB.
limit-reached = You can buy at most { $most } of one of these, and have bought { $bought }. Put fewer into the cart.
command-products = see and change products: /products, or /products with words
button-products = 🗂 Products
button-categories = 🏷 Categories
button-new-category = ➕ New category
button-return = ‹ Back
button-take-away = Remove it
goods-listed = on sale
goods-hidden = hidden
goods-archived = archived
goods-list = <b>Products</b> ({ $which }): { $count }
goods-none = There are no products ({ $which }). Add one, or look at the others.
button-a-product = { $code } · { $name } · { $left }
goods-left = { $count ->
    [0] sold out
   *[other] { $count } left
}
goods-unlimited = unlimited
goods-search-ask = Which product? Type its code, or part of its name.
goods-found = { $count ->
    [one] One product fits.
   *[other] { $count } products fit.
}
goods-found-more = { $count } products fit; here are the first { $shown }. More letters find fewer.
goods-found-none = No product fits that. Try fewer letters.
goods-stock = Stock: { $left }
goods-seen = It is { $seen }
goods-category = Category: { $name }
goods-no-category = no category
goods-late = Paid too late: { $late }
late-deliver = deliver if there is stock
late-credit = credit to the wallet
late-review = a person decides
goods-limit = At most { $most } for each customer
goods-no-limit = Any number for each customer
goods-low-at = Alert when { $count } are left
button-edit-name = ✏️ Name
button-edit-price = ✏️ Price
button-edit-code = ✏️ Code
button-edit-description = ✏️ Description
button-edit-terms = ✏️ Terms
button-edit-picture = 🖼 Picture
button-edit-category = 🏷 Category
button-edit-late = ⏰ Paid too late
button-edit-limit = 👤 Limit
button-edit-low = 🔔 Low stock
button-edit-sign = ✏️ Emoji
button-shelf-of = 📦 Contents
button-list = 👁 Put on sale
button-hide = 🙈 Hide
button-archive = 🗄 Archive
button-up = ↑ Up
button-down = ↓ Down
goods-ask-category = Which category shall it be in?
goods-ask-category-none = There are no categories yet. Make one under “Categories”.
goods-ask-late = What shall happen to a payment that comes after the time to pay?
edit-name = What shall <b>{ $name }</b> be called?
edit-code = Which code shall <b>{ $name }</b> have?
edit-price = What shall <b>{ $name }</b> cost, in { $currency }? Orders that were placed keep their price.
edit-description = Describe <b>{ $name }</b> in a few lines.
edit-terms = Which terms go with <b>{ $name }</b>? They are sent with the goods.
edit-limit = How many of <b>{ $name }</b> may a customer buy in all?
edit-limit-number = Type a number from 1 up, such as 2.
edit-low = At how many left shall I tell you that <b>{ $name }</b> runs low? 0 tells you only when none are left.
edit-low-number = Type a number from 0 up, such as 3.
edit-picture = Send a picture of <b>{ $name }</b>, as PNG or JPEG.
edit-in-words = In words, please.
edit-needed = It can't be without.
edit-done = Changed.
categories = <b>Categories</b>, as customers see them: { $count }
categories-none = There are no categories yet. They sort a shop of many products.
category = <b>{ $name }</b>, in place { $place } of { $count }
category-ask-name = What is the category called?
category-ask-rename = What shall <b>{ $name }</b> be called?
category-ask-sign = Which emoji shall stand in front of <b>{ $name }</b>?
